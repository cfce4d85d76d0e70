// The README's samples, word for word between the marks; `ReadmeTests` compares and runs them.

// README begin
import HarrierClient

func publish(to url: String) async throws {
    try await HarrierConnection.withConnection(to: url) { connection in
        let channel = try await connection.openChannel()
        try await channel.declareQueue("hello")
        try await channel.publishConfirmed("Hello, world".utf8, routingKey: "hello", properties: .persistent)
    }
}

func consume(from url: String) async throws {
    try await HarrierConnection.withConnection(to: url) { connection in
        let channel = try await connection.openChannel()
        try await channel.declareQueue("hello")
        for try await delivery in try await channel.consume("hello") {
            print(delivery.text)
            try channel.acknowledge(delivery)
            break
        }
    }
}
// README end
