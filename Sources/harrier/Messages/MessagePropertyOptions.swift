import AMQPProtocol
import ArgumentParser

/// Headers and properties of messages that a command publishes.
struct MessagePropertyOptions: ParsableArguments {
    @Option(
        name: .customLong("header"), parsing: .singleValue,
        help: ArgumentHelp(
            "A header; can be repeated. name:int=5, name:double=1.5 and name:bool=true give the value a type.",
            valueName: "name=value"))
    var headers: [HeaderArgument] = []

    @Option(
        name: .customLong("property"), parsing: .singleValue,
        help: ArgumentHelp(
            "A property; can be repeated: \(PropertyArgument.names.joined(separator: ", ")).", valueName: "name=value"))
    var properties: [PropertyArgument] = []

    /// - Parameter persistent: delivery mode 2, whatever the properties say; otherwise theirs, or else `deliveryMode`.
    func makeProperties(persistent: Bool, deliveryMode: UInt8? = nil) -> BasicProperties {
        var made = BasicProperties(deliveryMode: deliveryMode)
        for property in properties { property.apply(to: &made) }
        if persistent { made.deliveryMode = 2 }
        if !headers.isEmpty {
            made.headers = FieldTable(headers.map { FieldTable.Entry(name: $0.name, value: $0.value) })
        }
        return made
    }
}
