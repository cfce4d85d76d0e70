// Messages that have been deleted with a time in which they can be restored. They are in an internal queue of the virtual host,
// where that is their time to live.

extension VirtualHost {
    /// The queue that they are in, for permissions: no client can use it.
    public static let binName = "amq.harrier.bin"

    /// Made when it is asked for first.
    public var bin: Queue { internalQueue(Self.binName, isDurable: true) }

    /// Nil as long as nothing has been deleted.
    public var binIfThere: Queue? { internalQueues[Self.binName] }
}
