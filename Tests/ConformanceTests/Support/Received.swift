import AMQPProtocol

/// A message's properties and body as they came.
struct Content {
    var propertyBytes: [UInt8]
    var body: [UInt8] = []
    var bodyFrameCount = 0
}

/// A message that came with this method.
struct Received<Arguments: AMQPMethod> {
    let method: Arguments
    let content: Content

    var text: String { String(decoding: content.body, as: UTF8.self) }

    var properties: BasicProperties {
        get throws { try content.propertyBytes.withUnsafeBytes { try BasicProperties(decoding: $0) } }
    }
}
