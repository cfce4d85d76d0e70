/// The kinds of records that the broker keeps in the segment log. The numbers are part of the on-disk format.
enum RecordKind: UInt8 {
    /// A published message with the queues it went to (`MessageView`).
    case message = 1
    /// Messages that left a queue for good: u64 queue id, then u64 first sequence and u64 count for each range.
    case settle = 2
    /// What follows, up to `groupEnd`, happened together or not at all.
    case groupBegin = 3
    /// Ends the group. Holds, as a u64, how many records stand between the two: a group that lost one of them to a power
    /// failure has not happened either.
    case groupEnd = 4
    /// A change of topology: an encoded field table (`TopologyRecord`).
    case topology = 5
    /// The broker was started here: a group that is open at this point was cut by a crash and has not happened.
    case start = 6
}
