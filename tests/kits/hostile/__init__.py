"""Hostile answers: commands whose services answer what makes no sense, and what the books hold
afterwards. One generator for every answer of every service.

    python -m tests.kits.hostile --service xero --count 10000 --seed 1
"""
