import AMQPProtocol
import Routing

/// Meets the message that is to be edited, and publishes the edited copy of it.
final class EditPublisher: WalkVisitor {
    private let content: EditedContent
    private let routing: RedriveRouting
    private let session: Session
    private let original: BrowsedMessage
    private(set) var result: Result<MessageEdit, EditError> = .failure(.messageUnknown)

    init(
        _ original: BrowsedMessage, of queue: Queue, _ content: EditedContent, to destination: RedriveDestination,
        _ session: Session
    ) {
        self.original = original
        self.content = content
        self.session = session
        let stamp = RedriveStamp(editOf: original.id, of: queue.name, user: session.user.name)
        routing = RedriveRouting(RedriveRequest(destination: destination), stamp, session)
    }

    func visit(_ walked: WalkedMessage) -> WalkStep {
        // The queue may have been deleted and made anew since.
        guard walked.entry.sequence == original.id.rawValue,
            walked.view.publishedAtMilliseconds == original.publishedAtMilliseconds
        else { return .done }
        do throws(EditError) {
            result = .success(try publish(walked))
        } catch {
            result = .failure(error)
        }
        return .done
    }

    private func publish(_ walked: WalkedMessage) throws(EditError) -> MessageEdit {
        guard RedriveRequest.movableStates.contains(MessageStates(walked.state)) else {
            throw .wrongState(walked.state)
        }
        let edits = session.virtualHost.core.edits
        try edits.checkFree(walked)
        try content.check(against: original.properties, session)
        let (content, routing, session) = (content, routing, session)
        return try content.withView { view throws(EditError) in
            var edit: MessageEdit?
            let cause = routing.with(walked, edited: view) { publication in
                edit = edits.publish(publication, as: walked, by: session)
            }
            if let cause { throw .cannotGo(cause) }
            guard let edit else { throw .cannotGo(.unroutable) }
            return edit
        }
    }
}
