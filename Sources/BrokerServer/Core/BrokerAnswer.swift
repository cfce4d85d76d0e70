import NIOCore

/// The answer to somebody who asked the core for something that takes more than a turn. Given once, on the core's loop; what
/// comes later is dropped.
public final class BrokerAnswer<Value: Sendable> {
    private let promise: EventLoopPromise<Value>
    private let core: CoreLoop
    private var isGiven = false

    init(_ promise: EventLoopPromise<Value>, core: CoreLoop) {
        self.promise = promise
        self.core = core
        core.await(self)
    }

    public func succeed(_ value: Value) { give(Result<Value, any Error>.success(value)) }

    public func fail(_ error: any Error) { give(Result<Value, any Error>.failure(error)) }

    public func give(_ result: Result<Value, some Error>) {
        guard !isGiven else { return }
        isGiven = true
        core.forget(self)
        promise.completeWith(result.mapError { $0 as any Error })
    }
}

/// An answer that has not been given, whatever it is about.
protocol PendingAnswer: AnyObject {
    func fail(_ error: any Error)
}

extension BrokerAnswer: PendingAnswer {}
