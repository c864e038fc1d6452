"""Parameters that change more than their name on the way to the current language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowops.systems.connect.legacy.draft import SSML_START, CannotConvertError, Draft
from flowops.systems.connect.legacy.values import SYSTEM, runtime_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowops.documents.json_text import JsonValue
    from flowops.systems.connect.legacy.language import Parameter

_ON = frozenset(["true", "True"])
_SSML = "ssml"


def speak(draft: Draft) -> None:
    """Text, SSML or a prompt: what a contact hears."""
    written = draft.word("TextToSpeechType")
    if text := draft.take("Text"):
        draft.put(text, _text_or_ssml(text, written))
    if prompt := draft.take("AudioPrompt"):
        draft.put(prompt, "PromptId")
        if not prompt.namespace and not prompt.text:
            draft.doubt("the prompt has no ARN: bind it by its name")


def _text_or_ssml(text: Parameter, written: str) -> str:
    plain = "" if text.namespace else text.text.lstrip()
    is_ssml = written == _SSML or plain.startswith(SSML_START)
    return "SSML" if is_ssml else "Text"


def loop_prompts(draft: Draft) -> None:
    """Texts and prompts one after the other, until a contact leaves the queue."""
    messages: list[JsonValue] = []
    shown: list[JsonValue] = []
    for parameter in draft.take_all("Text", "AudioPrompt"):
        is_text = parameter.name == "Text"
        name = _text_or_ssml(parameter, parameter.key) if is_text else "PromptId"
        messages.append({name: draft.text_of(parameter)})
        told = parameter.resource_name
        shown.append({name: {"displayName": told}} if told else None)
    draft.parameters["Messages"] = messages
    if any(shown):
        draft.shown["Messages"] = shown
    draft.copy("InterruptSeconds", "InterruptFrequencySeconds")


def key_presses(draft: Draft) -> None:
    """Ask for one key; what is pressed decides the way on."""
    speak(draft)
    draft.parameters["StoreInput"] = "False"
    draft.copy("Timeout", "InputTimeLimitSeconds")
    if (digits := draft.take("MaxDigits")) and digits.text != "1":
        draft.doubt(f"MaxDigits {digits.text} has no counterpart: left out")


def stored_input(draft: Draft) -> None:
    """Ask for digits and keep them."""
    speak(draft)
    draft.parameters["StoreInput"] = "True"
    draft.copy("Timeout", "InputTimeLimitSeconds")
    draft.copy("TerminatorDigits", "DTMFConfiguration", "InputTerminationSequence")
    if disable := draft.take("DisableCancel"):
        word = "True" if disable.text in _ON else "False"
        draft.parameters["DTMFConfiguration"] = {
            **_object(draft, "DTMFConfiguration"),
            "DisableCancelKey": word,
        }
    _validation(draft)
    _encryption(draft)


def _object(draft: Draft, name: str) -> Mapping[str, JsonValue]:
    value = draft.parameters.get(name)
    return value if isinstance(value, dict) else {}


def _validation(draft: Draft) -> None:
    kind = draft.word("CustomerInputType")
    number = ("InputValidation", "PhoneNumberValidation")
    if kind == "PhoneNumber":
        draft.copy("PhoneNumberFormat", *number, "NumberFormat")
        draft.copy("CountryCode", *number, "CountryCode")
    elif kind in ("Custom", ""):
        draft.copy("MaxDigits", "InputValidation", "CustomValidation", "MaximumLength")
    else:
        raise CannotConvertError(f"CustomerInputType {kind!r} is unknown")


def _encryption(draft: Draft) -> None:
    if draft.word("EncryptEntry") in _ON:
        draft.copy("EncryptionKeyId", "InputEncryption", "EncryptionKeyId")
        draft.copy("EncryptionKey", "InputEncryption", "Key")
    else:
        list(draft.take_all("EncryptionKeyId", "EncryptionKey"))


def lex_bot(draft: Draft) -> None:
    """Hand the contact to a bot; its intents decide the way on."""
    speak(draft)
    list(draft.take_all("LexVersion"))
    draft.copy("BotAliasArn", "LexV2Bot", "AliasArn")
    draft.copy("BotName", "LexBot", "Name")
    draft.copy("BotRegion", "LexBot", "Region")
    draft.copy("BotAlias", "LexBot", "Alias")
    attributes(draft, "Parameter", "LexSessionAttributes")


def call_lambda(draft: Draft) -> None:
    """Call a function with a few values."""
    draft.copy("FunctionArn", "LambdaFunctionARN")
    draft.copy("TimeLimit", "InvocationTimeLimitSeconds")
    attributes(draft, "Parameter", "LambdaInvocationAttributes")


def attributes(draft: Draft, name: str, target: str) -> None:
    """Turn parameters with a key each into one object."""
    found: dict[str, JsonValue] = {}
    for parameter in draft.take_all(name):
        if parameter.key in found:
            draft.doubt(f"{parameter.key} is set twice: the later value counts")
        found[parameter.key] = draft.text_of(parameter)
    if found:
        draft.parameters[target] = found


def set_attributes(draft: Draft) -> None:
    """Set attributes of the contact."""
    attributes(draft, "Attribute", "Attributes")
    draft.parameters.setdefault("Attributes", {})


def compare(draft: Draft) -> None:
    """Compare an attribute with values."""
    namespace, key = draft.word("Namespace"), draft.word("Attribute")
    found = runtime_value(namespace or SYSTEM, key)
    if found is None:
        raise CannotConvertError(f"no JSONPath is known for {namespace} {key!r}")
    draft.parameters["ComparisonValue"] = found.path
    if not found.proven:
        draft.doubt(f"{namespace} {key!r} became {found.path}, by the documentation")


def event_hook(draft: Draft) -> None:
    """Choose the flow that runs at an event."""
    event = draft.word("Type")
    if not event:
        raise CannotConvertError("it does not say at which event the flow runs")
    draft.copy("ContactFlowId", "EventHooks", event)


def logging(draft: Draft) -> None:
    """Switch the flow's log on or off."""
    words = {"Enable": "Enabled", "Disable": "Disabled"}
    word = draft.word("LoggingBehavior")
    if word not in words:
        raise CannotConvertError(f"LoggingBehavior {word!r} is unknown")
    draft.parameters["FlowLoggingBehavior"] = words[word]


_RECORDED: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("Enable", "Both"): ("Agent", "Customer"),
    ("Enable", "AgentOnly"): ("Agent",),
    ("Enable", "CustomerOnly"): ("Customer",),
}


def recording(draft: Draft) -> None:
    """Say whose voice is recorded."""
    option = draft.word("RecordingBehaviorOption")
    who = draft.word("RecordingParticipantOption")
    recorded = () if option == "Disable" else _RECORDED.get((option, who))
    if recorded is None:
        raise CannotConvertError(f"recording {option!r} of {who!r} is unknown")
    if (option, who) != ("Enable", "Both"):
        draft.doubt(f"recording {option} {who} became {list(recorded)}, by its words")
    draft.parameters["RecordingBehavior"] = {"RecordedParticipants": list(recorded)}


_DIRECTIONS: Mapping[str, str] = {"FromCustomer": "From", "ToCustomer": "To"}


def start_streaming(draft: Draft) -> None:
    """Begin to stream what is said."""
    _streaming(draft, "Enabled")


def stop_streaming(draft: Draft) -> None:
    """Stop to stream what is said."""
    _streaming(draft, "Disabled")


def _streaming(draft: Draft, state: str) -> None:
    tracks = [parameter.text for parameter in draft.take_all("Track")]
    if unknown := [track for track in tracks if track not in _DIRECTIONS]:
        raise CannotConvertError(f"Track {unknown[0]!r} is unknown")
    if not tracks:
        draft.doubt("it names no track: what the customer says is streamed")
        tracks = ["FromCustomer"]
    who = draft.word("ParticipantTypes") or "Customer"
    directions = [_DIRECTIONS[track] for track in tracks]
    draft.parameters |= {
        "MediaStreamingState": state,
        "MediaStreamType": draft.word("MediaStreamTypes") or "Audio",
        "Participants": [{"ParticipantType": who, "MediaDirections": directions}],
    }


def voice(draft: Draft) -> None:
    """Choose the voice that texts are read in."""
    draft.copy("GlobalVoice", "TextToSpeechVoice")
    draft.copy("GlobalEngine", "TextToSpeechEngine")
    style = draft.take("SpeakingStyle")
    if style and style.text != "None":
        draft.put(style, "TextToSpeechStyle")


_DATA: Mapping[str, str] = {"languageCode": "LanguageCode", "customerId": "CustomerId"}


def contact_data(draft: Draft) -> None:
    """Set what Amazon Connect itself keeps of a contact; names are unchanged."""
    for parameter in draft.take_all(*{p.name for p in draft.module.parameters}):
        if parameter.name != "ContactData":
            draft.put(parameter, parameter.name)
            continue
        for key, value in parameter.fields.items():
            if key in _DATA and isinstance(value, str) and not parameter.namespace:
                draft.parameters[_DATA[key]] = value
            elif key not in ("name", "namespace"):
                draft.doubt(f"{key} has no known counterpart: left out")


_STAFFING = frozenset(["Available", "Staffed", "Online"])


def staffing(draft: Draft) -> None:
    """Ask how many agents there are."""
    status = draft.word("Status")
    if status not in _STAFFING:
        raise CannotConvertError(f"Status {status!r} is unknown")
    draft.parameters["MetricType"] = f"NumberOfAgents{status}"
    queue_or_agent(draft)


def queue_metric(draft: Draft) -> None:
    """Ask how old or how long a queue is."""
    asked = {b.condition for b in draft.module.branches} & {*QUEUE_METRICS}
    if len(asked) != 1:
        raise CannotConvertError("it does not ask for exactly one metric of the queue")
    draft.parameters["MetricType"] = QUEUE_METRICS[asked.pop()]
    queue_or_agent(draft)


QUEUE_METRICS: Mapping[str, str] = {
    "CheckQueueTime": "OldestContactInQueueAgeSeconds",
    "CheckQueueSize": "NumberOfContactsInQueue",
}
"""What a branch of the old block asks for, in the words of ``MetricType``."""


def queue_or_agent(draft: Draft) -> None:
    """Name a queue, or the queue of an agent."""
    draft.copy("Queue", "QueueId")
    draft.copy("Agent", "AgentId")


def third_party(draft: Draft) -> None:
    """Connect the contact to somebody outside."""
    draft.copy("PhoneNumber", "ThirdPartyPhoneNumber")
    draft.copy("TimeLimit", "ThirdPartyConnectionTimeLimitSeconds")
    if blind := draft.take("BlindTransfer"):
        goes_on = "False" if blind.text in _ON else "True"
        draft.parameters["ContinueFlowExecution"] = goes_on


def wait(draft: Draft) -> None:
    """Wait, until a contact comes back or the time is over."""
    draft.copy("TimeoutSeconds", "TimeLimitSeconds")
    if draft.word("InterruptOnCustomerReturn") in _ON:
        draft.parameters["Events"] = ["CustomerReturned"]


def percentages(draft: Draft) -> None:
    """Distribute by chance: the branches say it all."""
    del draft
