// What this room's own API speaks of, so that one import is enough.
@_exported import struct LosslessJSON.JSONObject
@_exported import struct LosslessJSON.JSONSyntaxError
@_exported import enum LosslessJSON.JSONValue
