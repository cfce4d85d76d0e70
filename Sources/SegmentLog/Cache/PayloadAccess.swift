/// What is to be had of a record right now.
public enum PayloadAccess {
    /// The payload. Valid until the owner's next `release`, `flush` or `poll`.
    case here(UnsafeRawBufferPointer)
    /// Its page is not in memory, and has to be asked for.
    case away
    /// It can't be read, or is damaged (which is counted and reported).
    case lost
}
