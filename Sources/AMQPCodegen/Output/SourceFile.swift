/// A generated file.
struct SourceFile: Equatable {
    let name: String
    let text: String

    init(_ name: String, _ write: (inout SourceText) -> Void) {
        self.name = name
        var source = SourceText()
        source.line("// Written by AMQPCodegen from Sources/AMQPCodegen/amqp-0-9-1.xml.")
        source.line("// To change it, change that file and run `swift run AMQPCodegen`.")
        source.blank()
        write(&source)
        text = source.text
    }

    /// Every file there is, the same for the same description on every machine.
    static func all(of specification: Specification) -> [SourceFile] {
        var files = [
            replyCodes(of: specification),
            methodIDs(of: specification),
            method(of: specification),
        ]
        for amqpClass in specification.classes {
            files.append(methods(of: amqpClass))
            guard !amqpClass.properties.isEmpty else { continue }
            files.append(propertyFlags(of: amqpClass))
            files.append(properties(of: amqpClass))
        }
        return files
    }
}
