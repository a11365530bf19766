/** This server's name among the mining-servers, new at every start. */
export const SERVER_ID = Symbol('MiningServerId')
