import LosslessJSON

extension ManagementClient {
    /// A message as it can be edited: an object with `headers`, `properties`, `body`, and `body_encoding` (`json`, `text` or `base64`).
    public func document(of id: String, in queue: String) async throws(ManagementError) -> JSONObject {
        try await object(messagesPath(queue, id, "document"))
    }

    /// Publishes an edited copy of a message; the original goes when that has been acknowledged.
    ///
    /// - Parameters:
    ///   - document: the whole of it, as it is to be.
    /// - Throws: `refused` with 409 if a copy is under way already.
    public func edit(
        _ id: String, in queue: String, to document: JSONObject, destination: MoveDestination = .original()
    ) async throws(ManagementError) -> MessageEdit {
        try await edit(id, in: queue, "document", .object(document.fields), destination)
    }

    /// The same by a JSON patch (RFC 6902): `[["op": "replace", "path": "/body/quantity", "value": 2]]`.
    public func edit(
        _ id: String, in queue: String, patch: JSONValue, destination: MoveDestination = .original()
    ) async throws(ManagementError) -> MessageEdit {
        try await edit(id, in: queue, "patch", patch, destination)
    }

    private func edit(
        _ id: String, in queue: String, _ name: String, _ value: JSONValue, _ destination: MoveDestination
    ) async throws(ManagementError) -> MessageEdit {
        var fields = destination.fields
        fields[name] = value
        return try read(try await postForObject(messagesPath(queue, id, "edit"), JSONObject(fields))) {
            MessageEdit($0)
        }
    }

    /// The newest first: those under way, and 1000 others.
    public func edits() async throws(ManagementError) -> [MessageEdit] {
        try read(try await list(["dlq-edits", virtualHost])) { MessageEdit($0) }
    }
}
