/// A valid record, as it is handed to the owner while a log is opened.
public struct Record {
    /// What the owner passed to `append`; never 0.
    public let kind: UInt8
    public let flags: UInt16
    public let position: LogPosition
    /// Valid during the call that hands the record over, no longer.
    public let payload: UnsafeRawBufferPointer
}
