/// The socket under a connection, whatever it is made of. Called on the core's loop only.
public protocol ConnectionTransport: AnyObject {
    /// Sends the bytes, which are valid for this call. Called at most once a burst.
    func send(_ bytes: UnsafeRawBufferPointer)

    /// Closes the socket once everything that was sent has left.
    func close()

    /// `ServerConnection.receive` stopped before the end of what it was given; it can go on. The transport calls
    /// `receive` again, with the bytes that were left and whatever followed, in a turn of its own.
    func resumeReceiving()
}
