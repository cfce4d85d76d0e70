import Foundation
import NIOCore
import NIOPosix

/// The thread that the HTTP API does all of its work on, in a process one: reading and writing, and the tasks that answer.
///
/// It is a thread of low priority: where all cores are busy, one that renders pages of messages would take from the broker, and
/// so from its clients, what it takes. With a core to spare it is as fast as any.
final class HTTPThread: TaskExecutor {
    /// It is never shut down: Hummingbird still looks at its loop when `run` has returned.
    static let shared = HTTPThread()

    /// The lowest there is: where all cores are busy, any other thread gets some sixty times as much.
    private static let niceness: Int32 = 19

    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let loop: any EventLoop

    private init() {
        loop = group.next()
        // Of Linux, for which 0 is the calling thread. It can't fail: anybody may be nicer.
        loop.execute { _ = setpriority(Int32(PRIO_PROCESS.rawValue), 0, Self.niceness) }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
