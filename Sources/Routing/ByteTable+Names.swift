/// For the control plane, where names are text: the key is the text's UTF-8.
extension ByteTable {
    public func value(for name: String) -> Value? {
        var name = name
        return name.withUTF8 { value(for: UnsafeRawBufferPointer($0)) }
    }

    /// Adds an entry; false, and without effect, if there is one of that name.
    @discardableResult
    public mutating func insert(_ value: Value, for name: String) -> Bool {
        var name = name
        return name.withUTF8 { insert(value, for: UnsafeRawBufferPointer($0)) }
    }

    /// Removes the entry of that name, and hands back its value.
    @discardableResult
    public mutating func remove(_ name: String) -> Value? {
        var name = name
        return name.withUTF8 { remove(UnsafeRawBufferPointer($0)) }
    }
}
