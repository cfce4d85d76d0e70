/// Everything that definition files say, in the order in which they say it. A plain value without any broker logic:
/// names are checked for their form, references between entries are not.
///
/// The lists are those of RabbitMQ's definitions export (`rabbitmqctl export_definitions`), save that operator policies
/// have a list of their own; RabbitMQ keeps them among the parameters.
public struct DefinitionSet: Hashable, Sendable {
    public var users: [UserDefinition] = []
    public var vhosts: [VirtualHostDefinition] = []
    public var permissions: [PermissionDefinition] = []
    public var topicPermissions: [TopicPermissionDefinition] = []
    public var queues: [QueueDefinition] = []
    public var exchanges: [ExchangeDefinition] = []
    public var bindings: [BindingDefinition] = []
    public var policies: [PolicyDefinition] = []
    /// The parameters whose component is `operator_policy`.
    public var operatorPolicies: [PolicyDefinition] = []
    /// All other parameters: `vhost-limits`, `shovel`, `federation-upstream` and so on.
    public var parameters: [ParameterDefinition] = []
    public var globalParameters: [GlobalParameterDefinition] = []

    public init() {}
}
