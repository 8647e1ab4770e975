import { describe, expect, it } from 'vitest';
import { groupDigits, groupExpiry, kTestCards, tokenize } from '../src/cards';

describe('the test card form', () => {
  it('turns a test card into the gateway\'s token', () => {
    expect(tokenize({ number: '4242 4242 4242 4242', expiry: '12/34', cvc: '123' })).toEqual({ token: 'pm_card_visa' });
    expect(tokenize({ number: '4000000000000002', expiry: '01/30', cvc: '1234' })).toEqual({ token: 'pm_card_chargeDeclined' });
  });

  it('never makes a token of a real card, and names each wrong field', () => {
    expect(tokenize({ number: '4111111111111111', expiry: '12/34', cvc: '123' })).toEqual({ faults: ['number'] });
    expect(tokenize({ number: '4242424242424242', expiry: '13/34', cvc: '12' })).toEqual({ faults: ['expiry', 'cvc'] });
  });

  it('has cards that pass the Luhn check, as forms of real gateways ask', () => {
    for (const { number } of kTestCards) {
      const sum = [...number].reverse().reduce((total, digit, index) => {
        const value = Number(digit) * (index % 2 === 1 ? 2 : 1);
        return total + (value > 9 ? value - 9 : value);
      }, 0);
      expect(sum % 10).toBe(0);
    }
  });

  it('groups digits while they are typed', () => {
    expect(groupDigits('42424242x4')).toBe('4242 4242 4');
    expect(groupExpiry('123')).toBe('12/3');
    expect(groupExpiry('12/34567')).toBe('12/34');
  });
});
