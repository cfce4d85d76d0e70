import Foundation
import Synchronization
import UnixSignals

/// Whether somebody wants the command to end: it does when what it has in hand is done, so that nothing is left half done.
final class StopRequest: Sendable {
    private let wasMade = Atomic<Bool>(false)

    var isMade: Bool { wasMade.load(ordering: .acquiring) }

    /// Runs `body`, and tells it of the first SIGINT or SIGTERM; the second ends the process, as 130.
    static func observing<Result: Sendable>(_ body: (StopRequest) async throws -> Result) async throws -> Result {
        let request = StopRequest()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) {
                    // Whoever asks twice does not want to wait: what is not acknowledged goes back.
                    if request.isMade { exit(130) }
                    request.wasMade.store(true, ordering: .releasing)
                }
            }
            defer { group.cancelAll() }
            return try await body(request)
        }
    }
}
