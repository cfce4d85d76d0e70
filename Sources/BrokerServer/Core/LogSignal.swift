import NIOCore
import Synchronization

/// Carries "the log has made progress" from the log's thread to the core's loop.
///
/// However often it is raised before the loop comes round, the core hears it once: progress is a position, so the
/// latest word covers the earlier ones.
final class LogSignal: Sendable {
    private let isRaised = Atomic(false)
    private let loop: any EventLoop
    private let core: NIOLoopBoundBox<CoreLoop?>

    /// On the loop.
    init(loop: any EventLoop) {
        self.loop = loop
        self.core = NIOLoopBoundBox(nil, eventLoop: loop)
    }

    /// On the loop. Before this, and after it is given `nil`, a raised signal is dropped.
    func connect(to core: CoreLoop?) {
        self.core.value = core
    }

    /// On any thread.
    func raise() {
        if isRaised.exchange(true, ordering: .acquiringAndReleasing) { return }
        loop.execute { self.deliver() }
    }

    private func deliver() {
        // Lowered before the core looks: progress made from here on raises it anew. An exchange, since it has to see
        // what was written before the last `raise` that found it raised.
        _ = isRaised.exchange(false, ordering: .acquiringAndReleasing)
        core.value?.logProgressed()
    }
}
