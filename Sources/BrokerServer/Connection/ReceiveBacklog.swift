import NIOCore

/// The bytes of one connection that have been read from the socket and not been taken by the engine.
///
/// Most often that is the beginning of a frame. It holds at most one frame plus what one read of the socket brought
/// (`SocketTuning`), or, when the peer has closed its side, plus what the kernel's receive buffer held.
struct ReceiveBacklog {
    private var bytes = ByteBuffer()

    /// An empty backlog gives back storage above this size.
    private static let keptBytesMax = 16 << 10
    /// The first helping behind a partial frame, doubled until the frame is whole: small frames are completed by
    /// copying little, and a frame of any size by copying at most twice its length.
    private static let helpingBytesMin = 512

    var isEmpty: Bool { bytes.readableBytes == 0 }
    var count: Int { bytes.readableBytes }

    mutating func append(_ more: UnsafeRawBufferPointer) {
        guard !more.isEmpty else { return }
        bytes.writeBytes(more)
    }

    mutating func removeAll() {
        bytes = ByteBuffer()
    }

    /// Presents what is held. The consumer returns how much it took.
    mutating func present(to consume: (UnsafeRawBufferPointer) -> Int) {
        guard !isEmpty else { return }
        let taken = bytes.withUnsafeReadableBytes(consume)
        bytes.moveReaderIndex(forwardBy: taken)
        compact()
    }

    /// Presents what is held with as much of `more` behind it as it takes for the consumer to get past what was held.
    ///
    /// Returns the rest of `more`, to be presented from where it lies: a burst is not copied for the sake of the
    /// frame that is cut in two by its beginning. If the rest is empty, or `wantsMore` has said no, something may
    /// still be held.
    mutating func splice(
        _ more: UnsafeRawBufferPointer,
        while wantsMore: () -> Bool,
        to consume: (UnsafeRawBufferPointer) -> Int
    ) -> UnsafeRawBufferPointer {
        var rest = more
        var helping = Self.helpingBytesMin
        while !isEmpty, !rest.isEmpty, wantsMore() {
            let held = bytes.readableBytes
            let added = min(helping, rest.count)
            bytes.writeBytes(UnsafeRawBufferPointer(rebasing: rest.prefix(added)))
            let taken = bytes.withUnsafeReadableBytes(consume)
            if taken >= held {
                bytes.clear()
                compact()
                return UnsafeRawBufferPointer(rebasing: rest.dropFirst(taken - held))
            }
            bytes.moveReaderIndex(forwardBy: taken)
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(added))
            helping *= 2
        }
        return rest
    }

    private mutating func compact() {
        if isEmpty, bytes.storageCapacity > Self.keptBytesMax {
            bytes = ByteBuffer()
        } else {
            bytes.discardReadBytes()
        }
    }
}
