/// Bytes at an address that stays.
final class OwnedBytes {
    let bytes: UnsafeRawBufferPointer

    init(_ source: some Collection<UInt8>) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: source.count, alignment: 1)
        copy.copyBytes(from: source)
        bytes = UnsafeRawBufferPointer(copy)
    }

    convenience init(_ text: String) { self.init(text.utf8) }

    deinit { bytes.deallocate() }
}
