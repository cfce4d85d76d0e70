import AMQPProtocol

@testable import HarrierClient

// What a machine's action holds, for one-line expectations.

extension ChannelMachine.Action {
    var isNone: Bool { if case .none = self { true } else { false } }

    var sent: Method? { if case .send(let method) = self { method } else { nil } }

    var completed: (call: CallID, method: Method)? {
        if case .complete(let call, let method) = self { (call, method) } else { nil }
    }

    var fetched: (call: CallID, delivery: Delivery)? {
        if case .completeGet(let call, let delivery) = self { (call, delivery) } else { nil }
    }

    var settled: [CallID]? {
        if case .settle(let settlements) = self { settlements.map(\.call) } else { nil }
    }

    var ended: (error: AMQPClientError, answer: Method?)? {
        if case .end(let error, let answer) = self { (error, answer) } else { nil }
    }

    var violation: ReplyCode? { if case .violation(let exception) = self { exception.code } else { nil } }
}

extension ConnectionMachine.Action {
    var sent: [Method]? { if case .send(let methods) = self { methods } else { nil } }

    var limits: ConnectionLimits? { if case .opened(let limits) = self { limits } else { nil } }

    var ended: (error: AMQPClientError, answer: Method?)? {
        if case .end(let error, let answer) = self { (error, answer) } else { nil }
    }

    var violation: ReplyCode? { if case .violation(let exception) = self { exception.code } else { nil } }
}

extension CallID {
    init(_ rawValue: UInt64) {
        self.init(rawValue: rawValue)
    }
}
