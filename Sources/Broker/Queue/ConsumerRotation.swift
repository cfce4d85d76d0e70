import DequeModule

/// Whose turn it is among a queue's consumers: the highest priority that can take a message, round robin within it.
/// A consumer that can't (no credit, socket full) drops out when its turn comes and returns by `resume`, so that a
/// thousand blocked consumers cost nothing.
struct ConsumerRotation {
    private struct Group {
        let priority: Int
        var rotation = Deque<Consumer>()
    }

    /// In order of arrival; the first is the active one of a single-active-consumer queue.
    private(set) var all: [Consumer] = []
    /// Highest priority first.
    private var groups: [Group] = []
    private let isSingleActive: Bool
    /// The first alone gets messages: it is single-active, and not suspended.
    private var servesFirst: Bool
    private var isSuspended = false

    init(isSingleActive: Bool) {
        self.isSingleActive = isSingleActive
        servesFirst = isSingleActive
    }

    var isEmpty: Bool { all.isEmpty }

    /// The one consumer that gets messages, where only one may.
    var active: Consumer? { isSingleActive ? all.first : nil }

    mutating func add(_ consumer: Consumer) {
        all.append(consumer)
        guard !isSuspended else {
            consumer.isInRotation = true
            return
        }
        resume(consumer)
    }

    /// Nobody's turn comes any more. All count as in the rotation, which is empty, so that whoever has credit again asks for nothing,
    /// and nothing that happens for each message has to know of this.
    mutating func suspend() {
        isSuspended = true
        servesFirst = false
        groups = []
        for consumer in all { consumer.isInRotation = true }
    }

    mutating func unsuspend() {
        isSuspended = false
        servesFirst = isSingleActive
        for consumer in all {
            consumer.isInRotation = false
            resume(consumer)
        }
    }

    mutating func remove(_ consumer: Consumer) {
        all.removeAll { $0 === consumer }
        if consumer.isInRotation {
            consumer.isInRotation = false
            if let index = groups.firstIndex(where: { $0.priority == consumer.priority }) {
                groups[index].rotation.removeAll { $0 === consumer }
            }
        }
        if !all.contains(where: { $0.priority == consumer.priority }) {
            groups.removeAll { $0.priority == consumer.priority }
        }
    }

    /// Lets a consumer take part again: it is new, or has credit again.
    mutating func resume(_ consumer: Consumer) {
        guard !consumer.isInRotation else { return }
        consumer.isInRotation = true
        // There it is the order of arrival that counts.
        guard !isSingleActive else { return }
        if let index = groups.firstIndex(where: { $0.priority <= consumer.priority }) {
            if groups[index].priority != consumer.priority {
                groups.insert(Group(priority: consumer.priority), at: index)
            }
            groups[index].rotation.append(consumer)
        } else {
            groups.append(Group(priority: consumer.priority, rotation: [consumer]))
        }
    }

    /// The consumer that `next` named last could not be given anything: it is the first in line again.
    mutating func giveBackTurn(to consumer: Consumer) {
        guard !isSingleActive, consumer.isInRotation,
            let index = groups.firstIndex(where: { $0.priority == consumer.priority }),
            groups[index].rotation.last === consumer
        else { return }
        groups[index].rotation.removeLast()
        groups[index].rotation.prepend(consumer)
    }

    /// The consumer for the next message, which the caller then delivers; `nil` if none can take one. Whoever is alone gets
    /// those that follow as well, as long as it can take them.
    mutating func next() -> (consumer: Consumer, isAlone: Bool)? {
        if servesFirst {
            guard let first = all.first else { return nil }
            guard first.channel.canTake(first) else {
                first.isInRotation = false
                return nil
            }
            return (first, true)
        }
        for index in groups.indices {
            while let consumer = groups[index].rotation.popFirst() {
                if consumer.channel.canTake(consumer) {
                    groups[index].rotation.append(consumer)
                    return (consumer, groups[index].rotation.count == 1)
                }
                consumer.isInRotation = false
            }
        }
        return nil
    }
}
