import Foundation

/// The protocol as the description gives it, checked: ids and names are unique, replies exist, types are known.
struct Specification {
    struct ReplyCode {
        let value: UInt16
        let name: String
        let closes: String?
        let doc: String
    }

    struct Class {
        let id: UInt16
        let name: String
        let methods: [Method]
        let properties: [Field]
    }

    struct Method {
        enum Sender: String {
            case client, server, both
        }

        let id: UInt16
        let name: String
        let sender: Sender
        let replies: [String]
        let hasContent: Bool
        let doc: String
        let fields: [Field]
    }

    struct Field {
        let name: String
        let type: FieldType
        let isReserved: Bool
        /// Swift source of the value that the initialiser assumes.
        let defaultValue: String?
        let doc: String
    }

    let replyCodes: [ReplyCode]
    let classes: [Class]

    init(parsing document: Data) throws(SpecificationError) {
        var root = try Element.parse(document)
        try self.init(&root)
    }
}
