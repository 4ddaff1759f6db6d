// The check of the file tools, run inside OpenCode's server. It refuses by throwing; the text of the error reaches the
// model and the transcript. Shell commands are not its business: they run in the sandbox that the wrapper builds.
import dns from "node:dns/promises"
import fs from "node:fs"
import net from "node:net"
import path from "node:path"

const READERS = { read: ["filePath"], glob: ["path"], grep: ["path"], list: ["path"] }
const WRITERS = { write: ["filePath"], edit: ["filePath"], multiedit: ["filePath"], bash: ["workdir"] }
const HARMLESS = ["skill", "todowrite", "todoread", "invalid"]
const HOPS = 5

function refuse(why) {
  throw new Error(`refused by Countersign: ${why}`)
}

function policyOf(directory) {
  const workspace = fs.realpathSync(directory)
  const file = path.join(path.dirname(workspace), "policy.json")
  let policy
  try {
    policy = JSON.parse(fs.readFileSync(file, "utf8"))
  } catch {
    refuse("this session has no policy, so nothing is allowed")
  }
  if (policy.workspace !== workspace) refuse("the policy is not for this workspace")
  return { ...policy, file }
}

// Where a path really leads, links included, also when its end does not exist yet. A link that leads nowhere is refused,
// because a write through it would create what it names.
function landing(absolute) {
  const missing = []
  let at = absolute
  while (!fs.lstatSync(at, { throwIfNoEntry: false })) {
    missing.unshift(path.basename(at))
    if (path.dirname(at) === at) refuse("no such path")
    at = path.dirname(at)
  }
  try {
    return path.join(fs.realpathSync(at), ...missing)
  } catch {
    refuse(`${absolute} leads through a link to nowhere`)
  }
}

function inside(folder, file) {
  return file === folder || file.startsWith(folder.endsWith(path.sep) ? folder : folder + path.sep)
}

function checkPath(policy, given, folders) {
  if (typeof given !== "string" || given.includes("\0")) refuse("a path must be text")
  const absolute = path.resolve(policy.workspace, given)
  const real = landing(absolute)
  if (!folders.some((folder) => inside(folder, real))) refuse(`${given} is outside the workspace`)
  const stat = fs.statSync(real, { throwIfNoEntry: false })
  if (stat && !stat.isFile() && !stat.isDirectory()) refuse(`${given} is neither a file nor a folder`)
  return absolute
}

function checkPatch(policy, text) {
  if (typeof text !== "string") refuse("a patch must be text")
  for (const line of text.split(/\r\n|\r|\n/)) {
    const named = /^\s*\*\*\* (?:Add File|Update File|Delete File|Move to):(.*)$/.exec(line)
    if (named) checkPath(policy, named[1].trim(), [policy.workspace])
  }
}

function checkPage(address, hosts) {
  const url = URL.parse(address) ?? refuse("that is not an address")
  if (url.protocol !== "https:") refuse("pages are read by https only")
  if (url.username || url.password || url.port) refuse("an address must name no user and no port")
  if (!hosts.includes(url.hostname)) {
    refuse(`${url.hostname} is not one of the documentation hosts (${hosts.join(", ") || "there are none"})`)
  }
  return url
}

const INTERNAL = new net.BlockList()
for (const [address, bits] of [
  ["0.0.0.0", 8], ["10.0.0.0", 8], ["100.64.0.0", 10], ["127.0.0.0", 8], ["169.254.0.0", 16], ["172.16.0.0", 12],
  ["192.168.0.0", 16], ["224.0.0.0", 3],
]) INTERNAL.addSubnet(address, bits, "ipv4")
for (const [address, bits] of [["::", 127], ["fc00::", 7], ["fe80::", 10], ["ff00::", 8], ["64:ff9b::", 96]]) {
  INTERNAL.addSubnet(address, bits, "ipv6")
}

async function checkAddressIsPublic(host) {
  for (const { address, family } of await dns.lookup(host, { all: true })) {
    const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
    const internal = mapped
      ? INTERNAL.check(mapped[1], "ipv4")
      : INTERNAL.check(address, family === 6 ? "ipv6" : "ipv4")
    if (internal) refuse(`${host} is an internal address`)
  }
}

// Pages that a session was allowed to read, with the hosts it may be redirected to.
const announced = new Map()

// Every request of this process passes here. What is sent to a model is a POST; all that is got is a page that was
// allowed before. So a redirect leads nowhere else, and the server downloads nothing for itself.
function guardFetch() {
  const mark = Symbol.for("countersign.fetch")
  const real = globalThis.fetch
  if (real[mark]) return
  const guarded = async (input, init) => {
    const method = (init?.method ?? (input instanceof Request ? input.method : "GET")).toUpperCase()
    if (method !== "GET" && method !== "HEAD") return real(input, init)
    const request = new Request(input, init)
    const hosts = announced.get(new URL(request.url).href)
    if (!hosts) refuse(`nobody asked for ${new URL(request.url).origin}`)
    let url = request.url
    for (let hop = 0; hop <= HOPS; hop++) {
      await checkAddressIsPublic(checkPage(url, hosts).hostname)
      const { headers, signal } = request
      const response = await real(url, { method, headers, signal, redirect: "manual" })
      const location = response.status >= 300 && response.status < 400 && response.headers.get("location")
      if (!location) return response
      url = new URL(location, url).href
    }
    refuse("too many redirects")
  }
  globalThis.fetch = Object.assign(guarded, real, { [mark]: true })
}

function check(policy, tool, args) {
  // The operator allows work without walls, and the repository only wants to see what its agents do.
  const wild = policy.mode === "permissive" && policy.allow_unsandboxed === "allowed"
  if (wild && tool !== "webfetch") return
  const readable = [policy.workspace, ...(policy.readable ?? [])]
  if (HARMLESS.includes(tool)) return
  if (tool === "webfetch") {
    const url = checkPage(args.url, policy.docs_hosts ?? [])
    announced.delete(url.href)
    announced.set(url.href, policy.docs_hosts)
    if (announced.size > 1000) announced.delete(announced.keys().next().value)
    return
  }
  if (tool === "apply_patch" || tool === "patch") return checkPatch(policy, args.patchText)
  const names = READERS[tool] ?? WRITERS[tool] ?? refuse(`there is no tool '${tool}' here`)
  const folders = READERS[tool] ? readable : [policy.workspace]
  for (const name of names) {
    // The tool gets the very path that was checked.
    if (args[name] !== undefined) args[name] = checkPath(policy, args[name], folders)
  }
}

// What OpenCode adds to outputs: instructions that lie about in the workspace, and the place of a file that agents may
// not read.
function tidy(tool, output) {
  if (typeof output?.output !== "string") return
  if (tool === "read" && output.metadata?.loaded?.length) {
    const end = output.output.indexOf("\n</content>")
    if (end >= 0) output.output = output.output.slice(0, end + "\n</content>".length)
  }
  const kept = output.metadata?.outputPath
  if (kept) output.output = output.output.replaceAll(kept, "(not kept: run it again with head, tail or grep)")
}

// OpenCode's second plugin loader imports what lies in a workspace's `.opencode/plugin` or is named in its
// `opencode.json`, whatever the environment says. It imports our folder first, so this runs before: from then on no file
// is imported but our own and what is built into the binary.
function guardImports() {
  const mark = Symbol.for("countersign.imports")
  if (globalThis[mark]) return
  globalThis[mark] = true
  const own = import.meta.path.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")
  Bun.plugin({
    name: "countersign",
    setup(build) {
      const filter = new RegExp(`^(?!${own}$|/\\$bunfs/|B:/~BUN/)(/|file:)`)
      build.onLoad({ filter }, () => ({ contents: "export {}", loader: "js" }))
    },
  })
}

// What OpenCode says of the session in the midst of what it says to all: its folder, the day.
const OWN = /\nYou are powered by the model named [^\n]*\n[\s\S]*?\n<\/env>/

// Providers keep what requests begin with, as far as it is the same. So what is the same for all sessions goes first, as a
// message of its own, and what is this one's after it.
function sameFirst(system, directory) {
  const own = system.length === 1 && OWN.exec(system[0])?.[0]
  if (!own) return
  const same = system[0].replace(own, "").replaceAll(`${directory}/`, "")
  system.splice(0, 1, same, own.trim())
}

guardImports()

export const Countersign = async ({ directory }) => {
  guardFetch()
  return {
    "shell.env": async (_input, output) => {
      const workspace = fs.realpathSync(directory)
      output.env.COUNTERSIGN_POLICY = path.join(path.dirname(workspace), "policy.json")
    },
    "experimental.chat.system.transform": async (_input, output) => sameFirst(output.system, directory),
    "tool.execute.before": async (input, output) => check(policyOf(directory), input.tool, output.args ?? {}),
    "tool.execute.after": async (input, output) => tidy(input.tool, output),
  }
}
