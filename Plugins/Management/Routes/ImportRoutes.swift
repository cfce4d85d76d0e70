import AMQPProtocol
import Broker
import BrokerServer
import Foundation
import Hummingbird
import LosslessJSON

/// `POST /api/dlq/{vhost}/{name}/import`: puts exported messages into a queue, those that are not in it yet. Needs the permission
/// to read from the queue, and to write to the default exchange; and the right to move messages.
struct ImportRoutes: RouteGroup {
    let server: BrokerServer

    func add(to api: RouterGroup<AuthenticatedContext>) {
        api.post("dlq/:vhost/:name/import") { request, context in
            try context.user.require(.move)
            let place = QueuePlace(
                virtualHost: try context.name("vhost"), name: try context.name("name"), user: context.user)
            return try await take(try await RequestFields(request, known: ["items"]), into: place)
        }
    }

    private func take(_ fields: RequestFields, into place: QueuePlace) async throws -> JSONResponse {
        let items = try fields.list("items")
        guard items.count <= Queue.importMax else {
            throw APIError.badRequest("items: \(Queue.importMax) messages at the most")
        }
        let messages = try items.enumerated().map { index, item in try Self.message(item, index) }
        let outcome: ImportOutcome = try await server.askBroker { core, answer in
            let queue = try place.queue(in: core, .read)
            try place.user.session(in: place.virtualHost, of: core).require(.write, .exchange, "")
            queue.importMessages(messages, by: place.user.name) { answer.give($0) }
        }
        return JSONResponse([
            "imported": JSONValue(outcome.imported), "known": JSONValue(outcome.known),
            "refused": JSONValue(outcome.refused),
        ])
    }

    /// - Throws: 400 for what is no message that was exported.
    private static func message(_ item: JSONValue, _ index: Int) throws -> ImportedMessage {
        func bad(_ reason: String) -> APIError { APIError.badRequest("items[\(index)]: \(reason)") }
        guard case .object(let fields) = item else { throw bad("expected an object") }
        func text(_ name: String) throws -> String {
            guard case .string(let text)? = fields[name] else { throw bad("\(name): expected a text") }
            return text
        }
        guard let encoded = Data(base64Encoded: try text("properties_encoded")),
            (try? encoded.withUnsafeBytes({ try PropertiesView(validating: $0) })) != nil,
            let properties = try? encoded.withUnsafeBytes({ try BasicProperties(decoding: $0) })
        else { throw bad("properties_encoded: expected properties in base64, as an export has them") }
        let payload = try text("payload")
        let body: [UInt8]
        switch try text("payload_encoding") {
        case "string": body = Array(payload.utf8)
        case "base64":
            guard let bytes = Data(base64Encoded: payload) else { throw bad("payload: not base64") }
            body = Array(bytes)
        default: throw bad("payload_encoding: expected string or base64")
        }
        let message = ImportedMessage(
            identity: try text("export_id"), exchange: try text("exchange"), routingKey: try text("routing_key"),
            properties: properties, body: body)
        guard let message else { throw bad("export_id, exchange and routing_key have 255 bytes at the most") }
        return message
    }
}
