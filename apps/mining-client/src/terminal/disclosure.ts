/** What a person should know before this machine fetches pages for strangers; shown at the first start in a folder. */
export const disclosure = `Before you start, this is what mining means:
  - This machine fetches web pages that strangers ordered. The sites see your internet address.
  - Every page is sent to the Quarry server and on to its customer, with its headers and how long it took.
    The server also learns this device's random id and name (--name; the host's by default), its version
    and your account. Nothing else leaves this machine: no files, no cookies, no browsing data.
  - Only addresses on the public internet are fetched, never your own network, unless you allow some by
    --allow-address. Sites' robots.txt is obeyed. Exclude hosts by --deny, or name the only ones by --allow.
  - It uses your bandwidth; mind your provider's terms.
  - \`mining-client history\` lists every URL that was fetched. Ctrl-C ends it at any time.`
