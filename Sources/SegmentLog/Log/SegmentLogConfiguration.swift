#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension SegmentLog {
    public struct Configuration: Sendable {
        /// Where writes and syncs happen.
        public enum WriterPlacement: Sendable {
            /// On a thread of the log's own.
            case ownThread
            /// Inside the owner's call of `poll`: for simulations and tests, which decide when the disk has its turn.
            /// An interval policy then syncs in every round.
            case insidePoll
        }

        public var sync: SyncPolicy
        /// A power of two. A directory keeps the sizes that it was made with, whatever is asked for here later.
        public var segmentByteCount = 64 << 20
        /// A power of two, at most half a segment.
        public var pageByteCount = 256 << 10
        /// How many free pages are kept for reuse.
        public var sparePagesMax = 64
        public var writer = WriterPlacement.ownThread
        /// Called once, on the writer's thread, when a write or a sync failed. What it may have taken with it cannot be
        /// known, so nothing is durable from then on: the handler is expected not to return. Where one does (in tests),
        /// the log never writes again and `durable` stays.
        public var failure: @Sendable (StorageError) -> Void = Self.endProcess

        public init(sync: SyncPolicy = .sync) {
            self.sync = sync
        }

        /// Says on standard error what failed and what follows, and ends the process with status 1 at once.
        public static let endProcess: @Sendable (StorageError) -> Void = { error in
            let text = """
                fatal: \(error). Nothing more can be promised to be on disk, so the process ends here. What was \
                confirmed before is on disk, and will be there after a restart.

                """
            _ = Array(text.utf8).withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
            _exit(1)
        }
    }
}
