import AMQPProtocol
import ArgumentParser
import Testing

@testable import harrier

struct ArgumentTests {
    @Test(arguments: [
        ("a=b", "a", FieldValue.string("b")), ("a=", "a", .string("")), ("a=b=c", "a", .string("b=c")),
        ("a:int=-5", "a", .int64(-5)), ("a:double=1.5", "a", .double(1.5)), ("a:bool=true", "a", .boolean(true)),
        ("a:b:string=5", "a:b", .string("5")),
    ])
    func headers(argument: String, name: String, value: FieldValue) {
        let header = HeaderArgument(argument: argument)
        #expect(header?.name == name)
        #expect(header?.value == value)
    }

    @Test(arguments: ["a", "=b", "a:int=x", "a:colour=blue"])
    func whatIsNoHeader(argument: String) {
        #expect(HeaderArgument(argument: argument) == nil)
    }

    @Test func everyPropertyOfTheListIsUnderstood() {
        var properties = BasicProperties()
        for name in PropertyArgument.names {
            let argument = PropertyArgument(argument: "\(name)=7")
            #expect(argument?.apply(to: &properties) == true, "\(name)")
        }
        #expect(properties.contentType == "7")
        #expect(properties.priority == 7)
        #expect(properties.timestamp == 7)
        #expect(properties.appID == "7")
    }

    @Test(arguments: ["content-type", "colour=blue", "priority=256", "timestamp=now"])
    func whatIsNoProperty(argument: String) {
        #expect(PropertyArgument(argument: argument) == nil)
    }

    @Test func aSingleDashIsABody() throws {
        #expect(try PublishCommand.parse(["--routing-key", "k", "-"]).body == "-")
        #expect(throws: (any Error).self) { try PublishCommand.parse(["--routing-key", "k", "--count", "2", "-"]) }
        #expect(throws: (any Error).self) { try PublishCommand.parse(["body"]) }
    }

    @Test func consumingWantsAQueueOrAnExchange() throws {
        #expect(throws: Never.self) { try ConsumeCommand.parse(["jobs"]) }
        #expect(throws: Never.self) { try ConsumeCommand.parse(["--exchange", "x", "--routing-key", "k"]) }
        #expect(throws: (any Error).self) { try ConsumeCommand.parse([]) }
        #expect(throws: (any Error).self) { try ConsumeCommand.parse(["jobs", "--exchange", "x"]) }
        #expect(throws: (any Error).self) { try ConsumeCommand.parse(["jobs", "--routing-key", "k"]) }
    }
}
