/// A client's socket as the core sees it, on whichever loop it lives. Called on the core's loop only.
protocol ClientSocket: AnyObject {
    /// Whether so little is unsent that more should be. `ConnectionDriver.writabilityChanged` tells of changes.
    var isWritable: Bool { get }

    /// Sends the bytes, which are valid for this call.
    func send(_ bytes: UnsafeRawBufferPointer)

    func setReading(_ isReading: Bool)

    /// Closes the sending side once everything is sent; the peer's side stays open.
    func closeOutput()

    /// Closes the socket once everything is sent.
    func closeWhenSent()

    /// Closes the socket now, whatever has not been sent.
    func cutOff()
}
