import Broker
import LosslessJSON

extension JSONValue {
    /// What a policy has moved back from a queue, and will; null without one. Times are in milliseconds since 1970.
    ///
    /// - Parameter user: who is told of it.
    init(_ schedule: RedriveSchedule?, for user: ManagementUser) {
        guard let schedule else {
            self = .null
            return
        }
        let policy = schedule.policy
        let seesFilter = user.seesWhatIsFound(by: policy.filter)
        self = [
            "policy": .string(schedule.policyName), "every_ms": .unsigned(policy.everyMilliseconds),
            "filter": seesFilter ? .string(policy.filter.text) : .null,
            "redriven_max": JSONValue(policy.redrivenMax),
            "parking_queue": JSONValue(policy.parkingQueue),
            "rate": policy.messagesPerSecond.map { JSONValue($0) } ?? .null,
            "next_run_at": .unsigned(schedule.nextRunAtMilliseconds),
            "running_task": JSONValue(schedule.runningTask.map { "\($0)" }),
            "last_run": schedule.last.flatMap { seesFilter ? JSONValue($0) : nil } ?? .null,
        ]
    }

    private init(_ run: RedriveSchedule.Run) {
        self = [
            "began_at": .unsigned(run.beganAtMilliseconds), "moved": JSONValue(run.moved),
            "parked": JSONValue(run.parked), "stays": JSONValue(run.stays), "note": JSONValue(run.note),
        ]
    }
}
