#!/usr/bin/env python3
"""Makes log_v1.txt, log_v2.txt and log_v3.txt from the layout in include/ticketing/sync/log_entry.h alone."""
import os
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
import hashlib,struct
FOLDER = os.path.dirname(os.path.abspath(__file__))
key=Ed25519PrivateKey.from_private_bytes(b'a'*32)
prev=b'\0'*32; out=[]
def body(version,seq,kind=1,flags=9,outcome=1,reason=1):
    return (bytes([version,kind])+struct.pack('>QQqHq',7,seq,1795400000000000+seq,3,1795400000000001)+prev+
      struct.pack('>QQIQHBBHBHB',1000+seq,55,9,7,3,1,outcome,reason,1,2,flags))
for seq in (1,2,3):
    b=body(1,seq)
    assert len(b)==106
    e=b+key.sign(b); out.append(e.hex()); prev=hashlib.blake2b(e,digest_size=32).digest()
open(FOLDER + '/log_v1.txt','w').write('\n'.join(out)+'\n')
# version 2: an override with who and why, then a supervisor's annulment of scan 1004
b=body(2,4,flags=1|4|8,reason=3)+bytes([2,0,6])+b'acc_x1'+bytes([4])+b'INE!'
e=b+key.sign(b); two=[e.hex()]; prev=hashlib.blake2b(e,digest_size=32).digest()
b=body(2,5,kind=2)+bytes([8,1,3])+b'ana'+bytes([0])
e=b+key.sign(b); two.append(e.hex())
open(FOLDER + '/log_v2.txt','w').write('\n'.join(two)+'\n')
# versions 3 and 4: two scans and a note without signature, and the entry that signs for them
three=[]; prev=hashlib.blake2b(e,digest_size=32).digest()
for seq in (6,7):
    e=body(3,seq); three.append(e.hex()); prev=hashlib.blake2b(e,digest_size=32).digest()
e=body(4,8,flags=1|4|8,reason=3)+bytes([2,0,6])+b'acc_x1'+bytes([4])+b'INE!'
three.append(e.hex()); prev=hashlib.blake2b(e,digest_size=32).digest()
b=body(1,9); three.append((b+key.sign(b)).hex())
open(FOLDER + '/log_v3.txt','w').write('\n'.join(three)+'\n')
