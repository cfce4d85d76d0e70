/// The kinds of records that the broker keeps in the segment log. The numbers are part of the on-disk format.
///
/// One event is one record. What many records say together, a transaction, is true once its `commit` is there: until
/// then they carry the flag `member`.
enum RecordKind: UInt8 {
    /// A message with the queues it goes to (`MessageView`), and the place that it leaves, if it moves.
    case message = 1
    /// Messages that left a queue for good: u64 queue id, then u64 first sequence and u64 count for each range.
    case settle = 2
    /// A change of topology: an encoded field table (`TopologyRecord`).
    case topology = 5
    /// The broker was started here: members of a transaction without a commit before it were cut by a crash.
    case start = 6
    /// All `member` records from a position on happened. Holds the number of those in its own segment, u64: a
    /// transaction that lost one of them to a power failure has not happened. (Earlier segments had been synced.) And
    /// that position, u64: what stands before it is of a transaction whose commit went with its segment, or never came.
    case commit = 7
    /// What a queue holds between two numbers of a line (`QueueStanding`). Stands for all settles of these before it.
    case standing = 8
    /// Messages that came back to their queue, each once more than before: like `settle`.
    case requeue = 9
    /// Messages that came back to their queue as failures: like `requeue`, which it stands for as well.
    case failedReturn = 11
    /// Messages that are to be moved to the dead-letter exchange: u64 queue id, then u64 sequence and u64 code of the death
    /// (`Death`) for each.
    case discard = 10
    /// How often messages have come back in all, and until when they wait (`ReturnStatement`).
    case returned = 12

    /// Flags of a record.
    enum Flag {
        /// Happened only if a commit follows.
        static let member: UInt16 = 1
    }
}
