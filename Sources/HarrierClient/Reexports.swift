// The parts of the protocol that the client's own API speaks of, so that one import is enough.
@_exported import struct AMQPProtocol.BasicProperties
@_exported import struct AMQPProtocol.FieldTable
@_exported import enum AMQPProtocol.FieldValue
@_exported import struct AMQPProtocol.MethodID
@_exported import struct AMQPProtocol.ReplyCode
