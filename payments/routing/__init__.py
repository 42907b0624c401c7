"""Which provider carries out what: the merchant's rules, the choice by them, and the switch to the next one."""
