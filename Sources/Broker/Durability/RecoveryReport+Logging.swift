import Logging
import SegmentLog

extension RecoveryReport {
    /// As many damaged places are told one by one.
    private static let damageLinesMax = 20

    /// Tells the operator what opening the log found, if that is more than valid records.
    func report(to logger: Logger) {
        if let tornTail {
            logger.warning(
                "the log has a torn end, as a crash leaves it: it had not been synced, and is cut off",
                metadata: Self.metadata(tornTail))
        }
        for place in damage.prefix(Self.damageLinesMax) {
            logger.error(
                "the log is damaged here: the records in it are lost, those around it are not",
                metadata: Self.metadata(place))
        }
        if damageCount > Self.damageLinesMax {
            logger.error("the log is damaged in more places", metadata: ["places": "\(damageCount)"])
        }
    }

    private static func metadata(_ place: Damage) -> Logger.Metadata {
        ["file": "\(place.file)", "offset": "\(place.offset)", "bytes": "\(place.byteCount)"]
    }
}
