extension Specification {
    init(_ root: inout Element) throws(SpecificationError) {
        guard root.name == "amqp" else { throw root.error("the root is <amqp>, not <\(root.name)>") }
        try root.finish()
        var replyCodes: [ReplyCode] = []
        var classes: [Class] = []
        var names = UniqueNames()
        for var child in root.children {
            switch child.name {
            case "reply-code":
                let code = try ReplyCode(&child)
                try names.add("reply code \(code.value)", at: child)
                try names.add("reply code \(code.name)", at: child)
                replyCodes.append(code)
            case "class":
                let read = try Class(&child)
                try names.add("class \(read.id)", at: child)
                try names.add("class '\(read.name)'", at: child)
                classes.append(read)
            default:
                throw child.error("<\(child.name)> does not belong here")
            }
        }
        self.replyCodes = replyCodes
        self.classes = classes
    }
}

extension Specification.ReplyCode {
    fileprivate init(_ element: inout Element) throws(SpecificationError) {
        value = try element.takeID("value")
        name = try element.takeName()
        closes = element.takeOptional("closes")
        guard closes == nil || closes == "channel" || closes == "connection" else {
            throw element.error("'closes' is 'channel' or 'connection'")
        }
        doc = element.text
        try element.finish()
    }
}

extension Specification.Class {
    fileprivate init(_ element: inout Element) throws(SpecificationError) {
        id = try element.takeID("id")
        name = try element.takeName()
        try element.finish()
        var methods: [Specification.Method] = []
        var properties: [Specification.Field] = []
        var names = UniqueNames()
        for var child in element.children {
            switch child.name {
            case "method":
                let method = try Specification.Method(&child)
                try names.add("method \(method.id)", at: child)
                try names.add("method '\(method.name)'", at: child)
                methods.append(method)
            case "property":
                let property = try Specification.Field(&child)
                try names.add("property '\(property.name)'", at: child)
                guard property.type != .bit, !property.isReserved else {
                    throw child.error("a property is neither a bit nor reserved")
                }
                properties.append(property)
            default:
                throw child.error("<\(child.name)> does not belong here")
            }
        }
        for (method, child) in zip(methods, element.children.filter { $0.name == "method" }) {
            for reply in method.replies where !methods.contains(where: { $0.name == reply }) {
                throw child.error("no method '\(reply)' in class '\(name)'")
            }
        }
        // Bit 0 of the flags says that more flags follow, and bit 1 has no property.
        guard properties.count <= 14 else { throw element.error("more than 14 properties") }
        self.methods = methods
        self.properties = properties
    }
}

extension Specification.Method {
    fileprivate init(_ element: inout Element) throws(SpecificationError) {
        id = try element.takeID("id")
        name = try element.takeName()
        let from = try element.take("from")
        guard let sender = Sender(rawValue: from) else {
            throw element.error("'from' is 'client', 'server' or 'both', not '\(from)'")
        }
        self.sender = sender
        replies = element.takeOptional("reply")?.split(separator: " ").map(String.init) ?? []
        hasContent = try element.takeMark("content")
        try element.finish()
        var doc = ""
        var fields: [Specification.Field] = []
        var names = UniqueNames()
        for var child in element.children {
            switch child.name {
            case "doc":
                doc = child.text
            case "field":
                let field = try Specification.Field(&child)
                try names.add("field '\(field.name)'", at: child)
                fields.append(field)
            default:
                throw child.error("<\(child.name)> does not belong here")
            }
        }
        self.doc = doc
        self.fields = fields
    }
}

extension Specification.Field {
    fileprivate init(_ element: inout Element) throws(SpecificationError) {
        name = try element.takeName()
        let typeName = try element.take("type")
        guard let type = FieldType(rawValue: typeName) else { throw element.error("unknown type '\(typeName)'") }
        self.type = type
        isReserved = try element.takeMark("reserved")
        if let text = element.takeOptional("default") {
            guard let literal = type.literal(text) else {
                throw element.error("'\(text)' is no value of type '\(typeName)'")
            }
            defaultValue = literal
        } else {
            defaultValue = type.naturalDefault
        }
        doc = element.text
        guard element.children.isEmpty else { throw element.error("<\(element.name)> holds nothing but text") }
        try element.finish()
    }
}

/// Refuses what stands twice in one scope.
private struct UniqueNames {
    private var seen: Set<String> = []

    mutating func add(_ name: String, at element: Element) throws(SpecificationError) {
        guard seen.insert(name).inserted else { throw element.error("\(name) stands twice") }
    }
}
