import AMQPProtocol
import HarrierClient
import NIOCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A message as JSON, with the field names of RabbitMQ's HTTP API, so that what reads one reads the other.
struct DeliveryJSON: Encodable {
    private let delivery: Delivery

    init(_ delivery: Delivery) {
        self.delivery = delivery
    }

    private enum Key: String, CodingKey {
        case exchange, redelivered, properties, payload
        case routingKey = "routing_key"
        case payloadBytes = "payload_bytes"
        case payloadEncoding = "payload_encoding"
    }

    func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: Key.self)
        try object.encode(delivery.exchange, forKey: .exchange)
        try object.encode(delivery.routingKey, forKey: .routingKey)
        try object.encode(delivery.isRedelivered, forKey: .redelivered)
        try object.encode(delivery.body.readableBytes, forKey: .payloadBytes)
        if let text = String(validating: delivery.body.readableBytesView, as: UTF8.self) {
            try object.encode(text, forKey: .payload)
            try object.encode("string", forKey: .payloadEncoding)
        } else {
            let base64 = Data(delivery.body.readableBytesView).base64EncodedString()
            try object.encode(base64, forKey: .payload)
            try object.encode("base64", forKey: .payloadEncoding)
        }
        try object.encode(PropertiesJSON(delivery.properties), forKey: .properties)
    }
}
