import AMQPProtocol
import Broker
import BrokerServer
import HTTPTypes

// What the broker refuses, as the API says it.

extension APIError {
    /// Nil for an error that is nobody's business.
    init?(_ error: any Error) {
        switch error {
        case let error as APIError: self = error
        case let error as AMQPException: self.init(refusal: error)
        case let error as FilterError: self = .badRequest("\(error)")
        case let error as WalkError: self.init(walk: error)
        case let error as RedriveError: self.init(redrive: error)
        case let error as EditError: self.init(edit: error)
        case let error as ScheduledCancelError: self.init(cancel: error)
        case let error as BreakerError:
            self.init(status: .conflict, error: "conflict", reason: "\(error)")
        case let error as ServerNotRunning:
            self.init(status: .serviceUnavailable, error: "service_unavailable", reason: "\(error)")
        default: return nil
        }
    }

    /// RabbitMQ's choice of statuses: what AMQP refuses is 404, 401 or 400.
    private init(refusal: AMQPException) {
        switch refusal.code {
        case .notFound: self = .notFound(refusal.replyText)
        case .accessRefused, .notAllowed: self = .notAuthorised(refusal.replyText)
        default: self = .badRequest(refusal.replyText)
        }
    }

    private init(walk error: WalkError) {
        switch error {
        case .badCursor: self = .badRequest("\(error)")
        case .queueDeleted: self = .notFound("\(error)")
        case .tooManyWalks, .brokerClosed:
            self.init(status: .serviceUnavailable, error: "service_unavailable", reason: "\(error)")
        }
    }

    private init(redrive error: RedriveError) {
        switch error {
        case .badRequest: self = .badRequest("\(error)")
        case .taskUnknown: self = .notFound("\(error)")
        case .planUnknown, .planOfOther, .planDiffers, .wrongStatus, .cannotUndo:
            self.init(status: .conflict, error: "conflict", reason: "\(error)")
        case .tooManyTasks: self.init(status: .serviceUnavailable, error: "service_unavailable", reason: "\(error)")
        }
    }

    private init(edit error: EditError) {
        switch error {
        case .badRequest: self = .badRequest("\(error)")
        case .messageUnknown: self = .notFound("\(error)")
        case .cannotGo(.notAllowed): self = .notAuthorised("\(error)")
        case .wrongState, .underWay, .cannotGo:
            self.init(status: .conflict, error: "conflict", reason: "\(error)")
        case .tooMany: self.init(status: .serviceUnavailable, error: "service_unavailable", reason: "\(error)")
        case .walk(let error): self.init(walk: error)
        }
    }

    private init(cancel error: ScheduledCancelError) {
        switch error {
        case .notFound: self = .notFound("\(error)")
        case .onItsWay: self.init(status: .conflict, error: "conflict", reason: "\(error)")
        case .brokerClosed: self.init(status: .serviceUnavailable, error: "service_unavailable", reason: "\(error)")
        }
    }
}
