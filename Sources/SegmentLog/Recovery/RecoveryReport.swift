/// What opening a log found.
public struct RecoveryReport: Sendable {
    /// A stretch of the log that cannot be read; the records in it are lost, those around it are not.
    public struct Damage: Equatable, Sendable {
        public let file: String
        /// Where in the file it begins.
        public let offset: Int
        /// How far the next good byte is; reaches into the files that follow if this goes beyond the file's end.
        public let byteCount: Int
    }

    /// How many entries `damage` keeps; `damageCount` counts on.
    public static let damageMax = 1000

    /// Segment files that are in use.
    public internal(set) var segments = 0
    /// Valid records that were read, and what they take including headers: all there are, or those behind a checkpoint.
    public internal(set) var records = 0
    public internal(set) var bytes = 0
    /// What was behind the last valid record and made no sense: writes that a crash cut short. It was never durable
    /// (unless the disk lost something that it had promised to keep), and is gone now.
    public internal(set) var tornBytesCut = 0
    /// Where that was; nil if nothing was cut.
    public internal(set) var tornTail: Damage?
    public internal(set) var damage: [Damage] = []
    public internal(set) var damageCount = 0

    mutating func note(_ damage: Damage) {
        damageCount += 1
        if self.damage.count < Self.damageMax { self.damage.append(damage) }
    }
}
