package main

const systemDir = `C:\ProgramData\ReceivePaymentBridge`
