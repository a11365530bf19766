/** Signs the mining-client in at `origin` and starts it. */
export function machineCommands(origin: string): string {
  return `npx mining-client login --server ${origin}\nnpx mining-client mine --server ${origin}`
}

/** The same in a container: everything by environment variables; the device's id and history in a volume. */
export function containerCommand(origin: string): string {
  return [
    'docker build -f deploy/Dockerfile --build-arg SERVICE=mining-client -t quarry/mining-client .',
    [
      'docker run -d --restart unless-stopped --no-healthcheck',
      `-e QUARRY_SERVER=${origin}`,
      "-e QUARRY_TOKEN='<token>' -e QUARRY_NAME=my-device",
      '-e QUARRY_DATA_DIR=/data -v quarry-miner:/data',
      'quarry/mining-client node dist/main.js mine --json',
    ].join(' \\\n  '),
  ].join('\n')
}
