import HTTPTypes
import LosslessJSON

/// Changes to a JSON document, as RFC 6902 has them. All of them are made, or none.
struct JSONPatch {
    private enum Operation: String, CaseIterable {
        case add, remove, replace, move, copy, test
    }

    private struct Step {
        let operation: Operation
        let path: JSONPointer
        let from: JSONPointer?
        let value: JSONValue?
    }

    static let stepsMax = 1000
    /// Of what all steps together put into a document, about, in bytes: a few steps could double it again and again.
    static let byteCountMax = 64 << 20

    private let steps: [Step]

    /// - Throws: 400 for what is no patch.
    init(_ value: JSONValue) throws(APIError) {
        guard case .array(let items) = value, items.count <= Self.stepsMax else {
            throw .badRequest("patch: expected a list of operations as RFC 6902 has them, \(Self.stepsMax) at the most")
        }
        var steps: [Step] = []
        for (index, item) in items.enumerated() { steps.append(try Self.step(item, "patch[\(index)]")) }
        self.steps = steps
    }

    private static func step(_ item: JSONValue, _ place: String) throws(APIError) -> Step {
        guard case .object(let fields) = item, case .string(let name)? = fields["op"],
            let operation = Operation(rawValue: name)
        else {
            let known = Operation.allCases.map(\.rawValue).joined(separator: ", ")
            throw .badRequest("\(place): expected an object with an op, one of \(known)")
        }
        func pointer(_ name: String) throws(APIError) -> JSONPointer {
            guard case .string(let text)? = fields[name], let pointer = JSONPointer(text) else {
                throw .badRequest("\(place): \(name): expected a JSON pointer, like /body/quantity")
            }
            return pointer
        }
        switch operation {
        case .add, .replace, .test:
            // A value may be null.
            guard let value = fields["value"] else { throw .badRequest("\(place): a value is missing") }
            return Step(operation: operation, path: try pointer("path"), from: nil, value: value)
        case .move, .copy:
            return Step(operation: operation, path: try pointer("path"), from: try pointer("from"), value: nil)
        case .remove: return Step(operation: operation, path: try pointer("path"), from: nil, value: nil)
        }
    }

    /// - Throws: 409 for a test that fails, 400 for a place that is not there, and for a document that would become too large.
    func apply(to document: JSONValue) throws(APIError) -> JSONValue {
        var document = document
        var addedByteCount = 0
        for (index, step) in steps.enumerated() {
            if step.operation != .test, let added = step.value ?? step.from?.value(in: document) {
                // What is moved was there.
                if step.operation != .move { addedByteCount += added.approximateByteCount }
                guard addedByteCount <= Self.byteCountMax else {
                    throw .badRequest("patch[\(index)]: more than \(Self.byteCountMax) bytes are added to the document")
                }
                guard step.path.depth + added.depth <= JSONValue.nestingMax else {
                    throw .badRequest("patch[\(index)]: the document gets more than \(JSONValue.nestingMax) levels")
                }
            }
            guard let next = try Self.apply(step, to: document, "patch[\(index)]") else {
                throw .badRequest("patch[\(index)]: nothing is there: \(step.from?.text ?? step.path.text)")
            }
            document = next
        }
        return document
    }

    /// - Returns: nil if what it names is not there.
    private static func apply(_ step: Step, to document: JSONValue, _ place: String) throws(APIError) -> JSONValue? {
        switch step.operation {
        case .add: return step.value.flatMap { step.path.adding($0, to: document) }
        case .remove: return step.path.removing(from: document)
        case .replace: return step.value.flatMap { step.path.replacing($0, in: document) }
        case .copy:
            guard let value = step.from?.value(in: document) else { return nil }
            return step.path.adding(value, to: document)
        case .move:
            guard let from = step.from, let value = from.value(in: document) else { return nil }
            guard !step.path.isInside(from) else { throw .badRequest("\(place): it can't be moved into itself") }
            return from.removing(from: document).flatMap { step.path.adding(value, to: $0) }
        case .test:
            guard let value = step.path.value(in: document) else { return nil }
            guard let expected = step.value, value.isSameJSON(as: expected) else {
                throw APIError(
                    status: .conflict, error: "conflict", reason: "\(place): \(step.path.text) is not what is expected")
            }
            return document
        }
    }
}
