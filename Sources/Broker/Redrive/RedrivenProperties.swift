import AMQPProtocol

/// Writes the properties of a message that is moved: as they are but for the headers `x-redriven-…`, and what the options change.
/// Headers are copied as bytes, whatever is in them.
struct RedrivenProperties: ~Copyable {
    private let options: RedriveOptions
    private let user: [UInt8]
    private let task: [UInt8]
    private var buffer = WireBuffer()

    init(_ options: RedriveOptions, _ stamp: RedriveStamp) {
        self.options = options
        user = Array(stamp.user.utf8)
        task = Array("\(stamp.task)".utf8)
    }

    /// Valid until the next `encode`.
    var bytes: UnsafeRawBufferPointer { buffer.bytes }

    /// - Returns: how long the message has to live from now, in milliseconds; nil for ever.
    mutating func encode(_ properties: PropertyListView, redrivenCount: Int64, nowSeconds: UInt64) -> UInt64? {
        buffer.clear()
        var flags = properties.flags.union(.headers)
        var expiration = properties.expiration.flatMap { DecimalText.integer($0) }.map { UInt64(clamping: $0) }
        switch options.expiration {
        case .keep: break
        case .clear:
            flags.remove(.expiration)
            expiration = nil
        case .set(let milliseconds):
            flags.insert(.expiration)
            expiration = milliseconds
        }
        var priority = properties.priority
        switch options.priority {
        case .keep: break
        case .clear:
            flags.remove(.priority)
            priority = nil
        case .set(let value):
            flags.insert(.priority)
            priority = value
        }
        buffer.append(flags.rawValue)
        append(properties.contentType)
        append(properties.contentEncoding)
        appendHeaders(properties.headers, redrivenCount, nowSeconds)
        if let deliveryMode = properties.deliveryMode { buffer.append(deliveryMode) }
        if let priority { buffer.append(priority) }
        append(properties.correlationID)
        append(properties.replyTo)
        switch options.expiration {
        case .keep: append(properties.expiration)
        case .clear: break
        case .set(let milliseconds): buffer.appendShortString("\(milliseconds)")
        }
        append(properties.messageID)
        if let timestamp = properties.timestamp { buffer.append(timestamp) }
        append(properties.type)
        append(properties.userID)
        append(properties.appID)
        append(properties.clusterID)
        return expiration
    }

    private mutating func append(_ text: UnsafeRawBufferPointer?) {
        if let text { buffer.appendShortString(text) }
    }

    private mutating func appendHeaders(_ headers: FieldTableView?, _ redrivenCount: Int64, _ nowSeconds: UInt64) {
        let begin = buffer.count
        buffer.append(UInt32(0))
        if let headers {
            for (name, value) in headers where !isDropped(name) { copy(name, value) }
        }
        appendName("x-redriven-count")
        buffer.append(UInt8(ascii: "l"))
        buffer.append(UInt64(bitPattern: redrivenCount))
        appendName("x-redriven-at")
        buffer.append(UInt8(ascii: "T"))
        buffer.append(nowSeconds)
        appendName("x-redriven-by")
        buffer.append(UInt8(ascii: "S"))
        buffer.appendLongString(user)
        appendName("x-redriven-task")
        buffer.append(UInt8(ascii: "S"))
        buffer.appendLongString(task)
        buffer.patch(UInt32(buffer.count - begin - 4), at: begin)
    }

    private mutating func appendName(_ name: StaticString) {
        buffer.appendShortString(UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    }

    /// From the name's length octet to the value's last: in a table they stand in a row.
    private mutating func copy(_ name: UnsafeRawBufferPointer, _ value: FieldValueView) {
        guard let begin = name.baseAddress, let last = value.bytes.baseAddress else { return }
        let start = begin - 1
        buffer.append(UnsafeRawBufferPointer(start: start, count: last + value.bytes.count - start))
    }

    private func isDropped(_ name: UnsafeRawBufferPointer) -> Bool {
        guard name.count >= 7, name[0] == UInt8(ascii: "x"), name[1] == UInt8(ascii: "-") else { return false }
        if name.starts(with: "x-redriven-".utf8) { return Self.stamps.contains { name.elementsEqual($0.utf8) } }
        guard options.deaths == .reset else { return false }
        return name.elementsEqual("x-death".utf8) || name.starts(with: "x-first-death-".utf8)
            || name.starts(with: "x-last-death-".utf8)
    }

    private static let stamps = ["x-redriven-count", "x-redriven-at", "x-redriven-by", "x-redriven-task"]
}
