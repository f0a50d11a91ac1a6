// Sends a file by tus-js-client: `node upload_file.js '{"endpoint": …, "path": …, …}'`
//
// At each byte count in `cuts` the connection is torn down, and the upload is resumed by its URL.
// Prints the URL of the upload and how often it was resumed.
const fs = require('fs')
const tus = require('tus-js-client')

const asked = JSON.parse(process.argv[2])
const cuts = [...(asked.cuts || [])]
let resumed = 0

function send(uploadUrl) {
  const stream = uploadUrl ? null : fs.createReadStream(asked.path)
  const upload = new tus.Upload(stream || fs.createReadStream(asked.path), {
    endpoint: asked.endpoint,
    uploadUrl,
    uploadSize: fs.statSync(asked.path).size,
    chunkSize: asked.chunkSize || 65536,
    headers: asked.headers,
    metadata: asked.metadata,
    retryDelays: [0, 100, 300, 1000, 3000],
    onProgress(sent) {
      if (cuts.length > 0 && sent >= cuts[0] && upload.url) {
        cuts.shift()
        resumed += 1
        const url = upload.url
        upload.abort().then(() => send(url))
      }
    },
    onSuccess() {
      process.stdout.write(JSON.stringify({ url: upload.url, resumed }))
    },
    onError(error) {
      process.stderr.write(String(error))
      process.exit(1)
    },
  })
  upload.start()
}

send(null)
