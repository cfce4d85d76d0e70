import Foundation

/// An object of an answer's JSON.
struct ManagementObject {
    let fields: [String: Any]

    init(_ fields: [String: Any]) { self.fields = fields }

    func text(_ name: String) -> String? { fields[name] as? String }

    func integer(_ name: String) -> Int? { (fields[name] as? NSNumber)?.intValue }

    func boolean(_ name: String) -> Bool { (fields[name] as? NSNumber)?.boolValue ?? false }

    func object(_ name: String) -> ManagementObject? {
        (fields[name] as? [String: Any]).map { ManagementObject($0) }
    }

    func objects(_ name: String) -> [ManagementObject]? {
        (fields[name] as? [[String: Any]])?.map { ManagementObject($0) }
    }

    /// As JSON on one line, the fields in the order of their names.
    var line: String {
        let options: JSONSerialization.WritingOptions = [.sortedKeys, .withoutEscapingSlashes]
        let data = try? JSONSerialization.data(withJSONObject: fields, options: options)
        return data.map { TerminalText.escapedJSON(String(decoding: $0, as: UTF8.self)) } ?? "{}"
    }
}
