import NIOCore
import Synchronization

/// What one loop has for another, in order: taken whole, and announced once however much is put in before it is taken.
///
/// Any thread may put in. The owner of the other end gives `deliver`, which runs on its loop.
final class Mailbox<Letter: Sendable>: Sendable {
    private struct State {
        var letters: [Letter] = []
        var isAnnounced = false
    }

    private let state = Mutex(State())
    private let loop: any EventLoop
    private let receiver: NIOLoopBoundBox<(([Letter]) -> Void)?>

    init(loop: any EventLoop) {
        self.loop = loop
        receiver = .makeEmptyBox(valueType: (([Letter]) -> Void).self, eventLoop: loop)
    }

    /// On the receiving loop.
    func connect(_ deliver: @escaping ([Letter]) -> Void) {
        receiver.value = deliver
    }

    func put(_ letter: Letter) {
        let isNews = state.withLock { state in
            state.letters.append(letter)
            defer { state.isAnnounced = true }
            return !state.isAnnounced
        }
        if isNews { announce() }
    }

    /// Puts in all of a list, and leaves it empty.
    func put(contentsOf list: inout [Letter]) {
        guard !list.isEmpty else { return }
        let isNews = state.withLock { state in
            if state.letters.isEmpty { swap(&state.letters, &list) } else { state.letters += list }
            defer { state.isAnnounced = true }
            return !state.isAnnounced
        }
        list.removeAll(keepingCapacity: true)
        if isNews { announce() }
    }

    private func announce() {
        loop.execute { self.take() }
    }

    private func take() {
        var letters: [Letter] = []
        state.withLock { state in
            swap(&letters, &state.letters)
            state.isAnnounced = false
        }
        receiver.value?(letters)
        letters.removeAll(keepingCapacity: true)
        // The storage goes round.
        state.withLock { state in
            if state.letters.isEmpty { swap(&letters, &state.letters) }
        }
    }
}
