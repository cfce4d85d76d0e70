import AMQPProtocol

/// Writes the properties of a message that is moved: as they are but for the stamps (`RedriveStamp`), and what the options change.
/// Headers are copied as bytes, whatever is in them.
struct RedrivenProperties: ~Copyable {
    private let options: RedriveOptions
    private let kind: RedriveStamp.Kind
    private let queue: [UInt8]
    private let user: [UInt8]
    private let task: [UInt8]
    private let message: [UInt8]
    private var buffer = WireBuffer()

    init(_ options: RedriveOptions, _ stamp: RedriveStamp) {
        self.options = options
        kind = stamp.kind
        queue = Array(stamp.queue.utf8)
        user = Array(stamp.user.utf8)
        task = Array("\(stamp.task)".utf8)
        message = Array((stamp.message.map { "\($0)" } ?? "").utf8)
    }

    /// Valid until the next `encode`.
    var bytes: UnsafeRawBufferPointer { buffer.bytes }

    /// - Parameter redrivenCount: as it is so far.
    /// - Returns: how long the message has to live from now, in milliseconds; nil for ever.
    mutating func encode(_ properties: PropertyListView, redrivenCount: Int64, nowSeconds: UInt64) -> UInt64? {
        buffer.clear()
        var flags = properties.flags
        let hasHeaders = willHaveHeaders(properties.headers, redrivenCount)
        if hasHeaders { flags.insert(.headers) } else { flags.remove(.headers) }
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
        if hasHeaders { appendHeaders(properties.headers, redrivenCount, nowSeconds) }
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

    private func willHaveHeaders(_ headers: FieldTableView?, _ redrivenCount: Int64) -> Bool {
        switch kind {
        case .moved, .deleted, .edited: return true
        case .undone: if countBeforeUndone(redrivenCount) > 0 { return true }
        case .restored: break
        }
        return headers?.contains { !isDropped($0.name) } ?? false
    }

    private func countBeforeUndone(_ redrivenCount: Int64) -> Int64 {
        options.isParking ? redrivenCount : redrivenCount - 1
    }

    private mutating func appendHeaders(_ headers: FieldTableView?, _ redrivenCount: Int64, _ nowSeconds: UInt64) {
        let begin = buffer.count
        buffer.append(UInt32(0))
        if let headers {
            for (name, value) in headers where !isDropped(name) { copy(name, value) }
        }
        switch kind {
        case .moved:
            append("x-redriven-count", options.isParking ? redrivenCount : redrivenCount + 1)
            append("x-redriven-at", timestamp: nowSeconds)
            append("x-redriven-by", user)
            append("x-redriven-task", task)
        case .deleted:
            append("x-deleted-from", queue)
            append("x-deleted-at", timestamp: nowSeconds)
            append("x-deleted-by", user)
            append("x-deleted-task", task)
        case .restored: break
        case .edited:
            append("x-edited-by", user)
            append("x-edited-at", timestamp: nowSeconds)
            append("x-original-queue", queue)
            append("x-original-id", message)
        case .undone:
            let before = countBeforeUndone(redrivenCount)
            if before > 0 { append("x-redriven-count", before) }
        }
        buffer.patch(UInt32(buffer.count - begin - 4), at: begin)
    }

    private mutating func appendName(_ name: StaticString, type: Unicode.Scalar) {
        buffer.appendShortString(UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        buffer.append(UInt8(ascii: type))
    }

    private mutating func append(_ name: StaticString, _ number: Int64) {
        appendName(name, type: "l")
        buffer.append(UInt64(bitPattern: number))
    }

    private mutating func append(_ name: StaticString, timestamp: UInt64) {
        appendName(name, type: "T")
        buffer.append(timestamp)
    }

    private mutating func append(_ name: StaticString, _ text: [UInt8]) {
        appendName(name, type: "S")
        buffer.appendLongString(text)
    }

    /// From the name's length octet to the value's last: in a table they stand in a row.
    private mutating func copy(_ name: UnsafeRawBufferPointer, _ value: FieldValueView) {
        guard let begin = name.baseAddress, let last = value.bytes.baseAddress else { return }
        let start = begin - 1
        buffer.append(UnsafeRawBufferPointer(start: start, count: last + value.bytes.count - start))
    }

    private func isDropped(_ name: UnsafeRawBufferPointer) -> Bool {
        guard name.count >= 7, name[0] == UInt8(ascii: "x"), name[1] == UInt8(ascii: "-") else { return false }
        switch kind {
        case .moved, .undone: if Self.moveStamps.contains(where: { $0.isName(name) }) { return true }
        case .edited: if Self.editStamps.contains(where: { $0.isName(name) }) { return true }
        case .deleted, .restored: if Self.binStamps.contains(where: { $0.isName(name) }) { return true }
        }
        guard options.deaths == .reset else { return false }
        return name.elementsEqual("x-death".utf8) || name.starts(with: "x-first-death-".utf8)
            || name.starts(with: "x-last-death-".utf8)
    }

    private static let moveStamps: [StaticString] = [
        "x-redriven-count", "x-redriven-at", "x-redriven-by", "x-redriven-task",
    ]
    private static let editStamps: [StaticString] = ["x-edited-by", "x-edited-at", "x-original-queue", "x-original-id"]
    private static let binStamps: [StaticString] = ["x-deleted-from", "x-deleted-at", "x-deleted-by", "x-deleted-task"]
}

extension StaticString {
    /// Most names differ in length already, which is all that is looked at then: this is for each header of each message.
    fileprivate func isName(_ name: UnsafeRawBufferPointer) -> Bool {
        name.count == utf8CodeUnitCount
            && name.elementsEqual(UnsafeRawBufferPointer(start: utf8Start, count: utf8CodeUnitCount))
    }
}
