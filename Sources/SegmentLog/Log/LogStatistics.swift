/// Counts since the log was opened, and sizes as they are now.
public struct LogStatistics: Equatable, Sendable {
    public internal(set) var segments = 0
    /// What the segment files take on disk, reserved space included.
    public internal(set) var diskBytes = 0
    /// Bytes of records that something refers to.
    public internal(set) var liveBytes = 0
    /// Memory of pages, spare ones included.
    public internal(set) var residentBytes = 0
    /// Appended and not yet written: what to look at before taking in more than the disk can follow.
    public internal(set) var unwrittenBytes = 0
    public internal(set) var recordsAppended = 0
    /// Including headers, not padding.
    public internal(set) var bytesAppended = 0
    public internal(set) var writeRounds = 0
    public internal(set) var syncs = 0
    public internal(set) var segmentsDeleted = 0
    public internal(set) var pagesRead = 0
    /// Pages whose live records were moved to the end, to free their segments.
    public internal(set) var pagesMoved = 0
    /// Records that could not be read back, or came back damaged.
    public internal(set) var readFailures = 0
}
