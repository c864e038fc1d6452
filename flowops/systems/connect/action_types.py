"""The action types of the flow language 2019-10-30.

Source: "Flow language" in the Amazon Connect API reference, its action pages,
and the types that the console itself writes into exports.
"""

from __future__ import annotations

MODULE_END = "EndFlowModuleExecution"

ACTION_TYPES = frozenset(
    """
    AssociateContactToCustomerProfile AuthenticateParticipant CheckHoursOfOperation
    CheckMetricData CheckOutboundCallStatus CheckVoiceId Compare CompleteOutboundCall
    ConnectParticipantWithLexBot CreateCallbackContact CreateCase CreateContact
    CreateCustomerProfile CreateTask CreateWisdomSession
    DequeueContactAndTransferToQueue DisconnectParticipant DistributeByPercentage
    EndFlowExecution EndFlowModuleExecution GetCalculatedAttributesForCustomerProfile
    GetCase GetCustomerProfile GetCustomerProfileObject GetMetricData
    GetParticipantInput InvokeFlowModule InvokeLambdaFunction Loop MessageParticipant
    MessageParticipantIteratively ResumeContact ShowView StartOutboundChatContact
    StartOutboundEmailContact StartVoiceIdStream TagContact TransferContactToAgent
    TransferContactToQueue TransferParticipantToThirdParty TransferToFlow UnTagContact
    UntagContact UpdateCase UpdateContactAttributes UpdateContactCallbackNumber
    UpdateContactData UpdateContactEventHooks UpdateContactMediaProcessing
    UpdateContactMediaStreamingBehavior UpdateContactRecordingAndAnalyticsBehavior
    UpdateContactRecordingBehavior UpdateContactRoutingBehavior
    UpdateContactRoutingCriteria UpdateContactTargetQueue UpdateContactTextToSpeechVoice
    UpdateCustomerProfile UpdateFlowAttributes UpdateFlowLoggingBehavior
    UpdatePreviousContactParticipantState Wait
    """.split()  # noqa: SIM905  a table of words, easier to compare with the docs
)
