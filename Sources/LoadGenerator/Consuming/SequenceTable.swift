/// The last number that came from each producer through each queue of one consumer.
struct SequenceTable {
    private let run: UInt64
    private let producers: Int
    private var last: [UInt64]

    init(queues: Int, producers: Int, run: UInt64) {
        self.run = run
        self.producers = producers
        last = Array(repeating: 0, count: queues * producers)
    }

    enum Finding {
        case inOrder
        /// It came before, or another that was published behind it did.
        case outOfOrder
        /// Of another run, or of somebody else.
        case foreign
    }

    @inline(__always)
    mutating func note(_ stamp: BodyStamp, queue: Int) -> Finding {
        let producer = stamp.producer
        guard producer < producers, stamp.isOfRun(run) else { return .foreign }
        let index = queue * producers + producer
        guard stamp.number > last[index] else { return .outOfOrder }
        last[index] = stamp.number
        return .inOrder
    }
}
