"""Mail: messages built, written, parsed; headers encoded."""
import email
import email.policy
from email.message import EmailMessage
from _data import times

total = 0
for i in range(times(60)):
    message = EmailMessage()
    message["Subject"] = f"Grüße number {i}, a subject that is long enough for it to be folded into two lines at least"
    message["From"], message["To"] = "Ann Smith <ann@example.org>", "bob@example.org, Zoë <zoe@example.org>"
    message.set_content("Text with ümlauts and a line\n" * 40)
    message.add_attachment(b"binary" * 500, maintype="application", subtype="octet-stream", filename="data.bin")
    data = message.as_bytes()
    again = email.message_from_bytes(data, policy=email.policy.default)
    total += len(again["subject"]) + len(again.get_body().get_content()) + len(list(again.walk())) + len(again["to"].addresses)
    old = email.message_from_bytes(data)
    total += len(old.get_payload()) + len(old.items())
print(total)
